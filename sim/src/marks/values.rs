//! The marks of a value: each field of each type in it, with the class of what it holds.

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use std::fmt;

/// The class of what a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    False,
    True,
    Negative,
    Zero,
    Positive,
    Empty,
    One,
    Several,
    Some,
    Absent,
    Present,
    /// A variant of an enum: the field is its name.
    Variant,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Class::False => "false",
            Class::True => "true",
            Class::Negative => "negative",
            Class::Zero => "zero",
            Class::Positive => "positive",
            Class::Empty => "empty",
            Class::One => "one",
            Class::Several => "several",
            Class::Some => "some",
            Class::Absent => "absent",
            Class::Present => "present",
            Class::Variant => "",
        }
    }
}

/// A place in a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// In an operation of a txn.
    pub in_txn: bool,
    /// The struct or the enum.
    pub container: &'a str,
    /// The field or the variant.
    pub field: &'a str,
}

/// The enums of operations within a txn, and of their responses.
const OPS_OF_TXNS: [&str; 2] = ["RequestOp", "ResponseOp"];

impl Place<'_> {
    pub const ROOT: Place<'static> = Place { in_txn: false, container: "", field: "" };

    /// The place of a field, or of a variant, inside of this one.
    pub fn within<'b>(self, container: &'b str, field: &'b str) -> Place<'b> {
        Place { in_txn: self.in_txn || OPS_OF_TXNS.contains(&container), container, field }
    }
}

/// Calls `note` for everything in `value`.
pub(super) fn visit(value: &impl Serialize, note: &mut dyn FnMut(Place<'static>, Class)) {
    // Nothing that is visited fails.
    let _ = value.serialize(Visitor { place: Place::ROOT, note });
}

/// The elements of a list that are looked at: the others are like these.
const ELEMENTS: usize = 3;

struct Visitor<'a> {
    place: Place<'static>,
    note: &'a mut dyn FnMut(Place<'static>, Class),
}

impl<'a> Visitor<'a> {
    fn note(self, class: Class) {
        if self.place != Place::ROOT {
            (self.note)(self.place, class);
        }
    }

    fn variant(self, container: &'static str, variant: &'static str) -> Visitor<'a> {
        let place = self.place.within(container, variant);
        (self.note)(place, Class::Variant);
        Visitor { place, note: self.note }
    }

    fn fields(self, container: &'static str) -> Fields<'a> {
        Fields { place: self.place, container, note: self.note, elements: 0 }
    }
}

/// The fields of a struct, or the elements of a list.
struct Fields<'a> {
    place: Place<'static>,
    container: &'static str,
    note: &'a mut dyn FnMut(Place<'static>, Class),
    elements: usize,
}

impl Fields<'_> {
    fn field<T: Serialize + ?Sized>(&mut self, field: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(Visitor { place: self.place.within(self.container, field), note: self.note })
    }

    fn element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.elements += 1;
        if self.elements > ELEMENTS {
            return Ok(());
        }
        // A list is looked through for what its elements hold; an element that is no struct is no mark of its own.
        value.serialize(Visitor { place: Place { container: "", field: "", ..self.place }, note: self.note })
    }

    fn end_of_list(self) {
        let class = match self.elements {
            0 => Class::Empty,
            1 => Class::One,
            _ => Class::Several,
        };
        Visitor { place: self.place, note: self.note }.note(class);
    }
}

/// The error of a visit that cannot fail.
#[derive(Debug)]
pub(super) struct Never;

impl fmt::Display for Never {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a visit does not fail")
    }
}

impl std::error::Error for Never {}

impl serde::ser::Error for Never {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Never
    }
}

macro_rules! numbers {
    ($($method:ident: $type:ty,)*) => {
        $(
            fn $method(self, value: $type) -> Result<(), Never> {
                #[allow(unused_comparisons, reason = "unsigned numbers, too")]
                self.note(match value {
                    0 => Class::Zero,
                    value if value < 0 => Class::Negative,
                    _ => Class::Positive,
                });
                Ok(())
            }
        )*
    };
}

impl<'a> Serializer for Visitor<'a> {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = Fields<'a>;
    type SerializeTuple = Fields<'a>;
    type SerializeTupleStruct = Fields<'a>;
    type SerializeTupleVariant = Fields<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    numbers! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
    }

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        self.note(if value { Class::True } else { Class::False });
        Ok(())
    }

    fn serialize_f32(self, _: f32) -> Result<(), Never> {
        self.note(Class::Some);
        Ok(())
    }

    fn serialize_f64(self, _: f64) -> Result<(), Never> {
        self.note(Class::Some);
        Ok(())
    }

    fn serialize_char(self, _: char) -> Result<(), Never> {
        self.note(Class::Some);
        Ok(())
    }

    fn serialize_str(self, value: &str) -> Result<(), Never> {
        self.serialize_bytes(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.note(if value.is_empty() { Class::Empty } else { Class::Some });
        Ok(())
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.note(Class::Absent);
        Ok(())
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        let Visitor { place, note } = self;
        Visitor { place, note: &mut *note }.note(Class::Present);
        value.serialize(Visitor { place: Place { container: "", field: "", ..place }, note })
    }

    fn serialize_unit(self) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_unit_variant(self, name: &'static str, _: u32, variant: &'static str) -> Result<(), Never> {
        self.variant(name, variant);
        Ok(())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        value.serialize(self.variant(name, variant))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Fields<'a>, Never> {
        Ok(self.fields(""))
    }

    fn serialize_tuple(self, _: usize) -> Result<Fields<'a>, Never> {
        Ok(self.fields(""))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Fields<'a>, Never> {
        Ok(self.fields(""))
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Never> {
        Ok(self.variant(name, variant).fields(""))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, Never> {
        Ok(self.fields(""))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Fields<'a>, Never> {
        Ok(self.fields(name))
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, Never> {
        Ok(self.variant(name, variant).fields(variant))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

impl SerializeSeq for Fields<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.element(value)
    }

    fn end(self) -> Result<(), Never> {
        self.end_of_list();
        Ok(())
    }
}

impl SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), Never> {
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        self.element(value)
    }

    fn end(self) -> Result<(), Never> {
        self.end_of_list();
        Ok(())
    }
}

macro_rules! elements {
    ($($trait:ident::$method:ident,)*) => {
        $(
            impl $trait for Fields<'_> {
                type Ok = ();
                type Error = Never;

                fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                    self.element(value)
                }

                fn end(self) -> Result<(), Never> {
                    Ok(())
                }
            }
        )*
    };
}

elements! { SerializeTuple::serialize_element, SerializeTupleStruct::serialize_field, SerializeTupleVariant::serialize_field, }

macro_rules! fields {
    ($($trait:ident,)*) => {
        $(
            impl $trait for Fields<'_> {
                type Ok = ();
                type Error = Never;

                fn serialize_field<T: Serialize + ?Sized>(
                    &mut self,
                    field: &'static str,
                    value: &T,
                ) -> Result<(), Never> {
                    self.field(field, value)
                }

                fn end(self) -> Result<(), Never> {
                    Ok(())
                }
            }
        )*
    };
}

fields! { SerializeStruct, SerializeStructVariant, }
